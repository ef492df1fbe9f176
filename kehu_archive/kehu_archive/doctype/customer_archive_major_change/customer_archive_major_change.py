from frappe.model.document import Document


class CustomerArchiveMajorChange(Document):
	pass
