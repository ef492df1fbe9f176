from kehu_archive.services.rows import ArchiveRow


class GradingSchemeBand(ArchiveRow):
	pass
