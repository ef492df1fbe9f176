from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveGradingInput(ArchiveRow):
	pass
