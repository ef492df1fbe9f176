from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveCollection(ArchiveRow):
	pass
