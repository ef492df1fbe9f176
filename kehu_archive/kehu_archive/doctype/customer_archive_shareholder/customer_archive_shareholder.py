from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveShareholder(ArchiveRow):
	pass
