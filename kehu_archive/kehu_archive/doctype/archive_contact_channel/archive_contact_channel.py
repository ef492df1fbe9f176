from frappe.model.document import Document


class ArchiveContactChannel(Document):
	pass
