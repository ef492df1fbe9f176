from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveWeakness(ArchiveRow):
	pass
