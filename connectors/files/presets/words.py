"""Words that many systems use for the same thing, in lower case, and ours for them."""

ORDER_STATUS = {
    "open": "open", "pending": "open", "pending payment": "open", "on-hold": "open",
    "on hold": "open", "authorized": "open", "created": "open", "draft": "open", "new": "open",
    "paid": "paid", "processing": "paid", "approved": "paid", "invoiced": "paid",
    "refunded": "paid", "partially_refunded": "paid", "partially refunded": "paid",
    "partially_paid": "open", "partially paid": "open", "shipped": "shipped",
    "fulfilled": "shipped", "delivered": "delivered", "completed": "delivered",
    "complete": "delivered", "closed": "delivered", "cancelled": "cancelled",
    "canceled": "cancelled", "voided": "cancelled", "void": "cancelled", "failed": "cancelled",
    "expired": "open", "checkout-draft": "open", "unavailable": "unavailable",
    "test": "test", "trash": "cancelled",
}  # fmt: skip
EVENT_KIND = {
    "page_view": "page_view", "pageview": "page_view", "page": "page_view",
    "page viewed": "page_view", "page view": "page_view", "view": "page_view",
    "view_item": "product_view", "product_view": "product_view", "product viewed": "product_view",
    "product view": "product_view", "product": "product_view",
    "add_to_cart": "add_to_cart", "product added": "add_to_cart", "cart": "add_to_cart",
    "added to cart": "add_to_cart", "addtocart": "add_to_cart",
    "begin_checkout": "checkout", "checkout": "checkout", "checkout started": "checkout",
    "initiatecheckout": "checkout", "add_payment_info": "payment", "payment": "payment",
    "payment info entered": "payment", "purchase": "purchase", "order completed": "purchase",
    "transaction": "purchase", "search": "search", "view_search_results": "search",
    "products searched": "search", "view_promotion": "promotion", "promotion": "promotion",
    "promotion viewed": "promotion", "other": "other",
}  # fmt: skip
DEVICE = {
    "desktop": "desktop", "computer": "desktop", "pc": "desktop", "web": "desktop",
    "mobile": "mobile", "phone": "mobile", "smartphone": "mobile", "tablet": "tablet",
    "app": "app", "ios": "app", "android": "app",
}  # fmt: skip
REQUEST_KIND = {
    "print": "print", "printed": "print", "catalogue": "print", "catalog": "print",
    "brochure": "print", "pdf": "pdf", "digital": "pdf", "download": "pdf", "sample": "sample",
}  # fmt: skip
