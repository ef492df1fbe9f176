from kehu_archive.services.rows import ArchiveRow


class ArchiveContactChannel(ArchiveRow):
	pass
