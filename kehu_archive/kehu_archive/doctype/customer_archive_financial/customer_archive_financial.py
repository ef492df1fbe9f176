from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveFinancial(ArchiveRow):
	pass
