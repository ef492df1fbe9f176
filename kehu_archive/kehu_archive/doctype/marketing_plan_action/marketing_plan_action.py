from kehu_archive.services.rows import ArchiveRow


class MarketingPlanAction(ArchiveRow):
	pass
