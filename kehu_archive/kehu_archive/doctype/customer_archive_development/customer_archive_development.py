from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveDevelopment(ArchiveRow):
	pass
