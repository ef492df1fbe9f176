from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveReader(ArchiveRow):
	pass
