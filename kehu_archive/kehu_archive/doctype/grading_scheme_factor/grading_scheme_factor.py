from kehu_archive.services.rows import ArchiveRow


class GradingSchemeFactor(ArchiveRow):
	pass
