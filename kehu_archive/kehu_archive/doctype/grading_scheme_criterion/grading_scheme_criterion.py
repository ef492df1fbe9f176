from kehu_archive.services.rows import ArchiveRow


class GradingSchemeCriterion(ArchiveRow):
	pass
