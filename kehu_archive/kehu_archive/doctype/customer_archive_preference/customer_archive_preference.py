from kehu_archive.services.rows import ArchiveRow


class CustomerArchivePreference(ArchiveRow):
	pass
