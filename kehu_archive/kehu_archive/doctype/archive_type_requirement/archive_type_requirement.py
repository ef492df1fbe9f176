from frappe.model.document import Document


class ArchiveTypeRequirement(Document):
	pass
