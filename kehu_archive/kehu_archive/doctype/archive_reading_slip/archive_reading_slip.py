from kehu_archive.services.rows import ArchiveRow


class ArchiveReadingSlip(ArchiveRow):
	pass
