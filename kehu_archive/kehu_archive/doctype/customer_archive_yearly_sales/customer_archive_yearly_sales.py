from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveYearlySales(ArchiveRow):
	pass
