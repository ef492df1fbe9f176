from frappe.model.document import Document


class ArchiveDepartmentMember(Document):
	pass
