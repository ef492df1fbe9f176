from kehu_archive.services.rows import ArchiveRow


class GradingSchemeGrade(ArchiveRow):
	pass
