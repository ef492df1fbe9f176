from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveNeed(ArchiveRow):
	pass
