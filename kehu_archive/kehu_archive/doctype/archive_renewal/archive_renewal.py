from kehu_archive.services.rows import ArchiveRow


class ArchiveRenewal(ArchiveRow):
	pass
