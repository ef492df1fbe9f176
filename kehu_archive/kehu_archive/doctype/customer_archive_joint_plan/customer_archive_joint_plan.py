from kehu_archive.services.rows import ArchiveRow


class CustomerArchiveJointPlan(ArchiveRow):
	pass
