from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveMajorChange(ArchiveRow):
	pass
