from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveLicence(ArchiveRow):
	pass
