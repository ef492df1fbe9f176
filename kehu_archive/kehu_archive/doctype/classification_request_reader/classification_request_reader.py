from kehu_archive.services.rows import ArchiveRow


class ClassificationRequestReader(ArchiveRow):
	pass
