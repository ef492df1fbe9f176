from kehu_archive.services.rows import ArchiveRow


class GradingRunCount(ArchiveRow):
	pass
