from kehu_archive.services.rows import ArchiveRow


class DisclosureRequestItem(ArchiveRow):
	pass
