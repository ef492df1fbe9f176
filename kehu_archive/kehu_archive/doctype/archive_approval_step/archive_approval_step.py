from kehu_archive.services.rows import ArchiveRow


class ArchiveApprovalStep(ArchiveRow):
	pass
