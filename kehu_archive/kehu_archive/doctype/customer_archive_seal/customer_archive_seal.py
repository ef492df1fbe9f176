from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveSeal(ArchiveRow):
	pass
