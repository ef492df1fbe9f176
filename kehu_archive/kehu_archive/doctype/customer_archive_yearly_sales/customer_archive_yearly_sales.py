from frappe.model.document import Document


class CustomerArchiveYearlySales(Document):
	pass
