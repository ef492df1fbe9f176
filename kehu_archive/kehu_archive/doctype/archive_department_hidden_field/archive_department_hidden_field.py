from frappe.model.document import Document


class ArchiveDepartmentHiddenField(Document):
	pass
