from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveExtraItem(ArchiveRow):
	pass
