from frappe.model.document import Document


class ArchiveDepartmentExtraItem(Document):
	pass
