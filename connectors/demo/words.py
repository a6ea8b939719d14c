"""The words that the simulated shop is made of. No real maker, person or place of business."""

# Top category → its leaves, each with nouns, a typical price in euros with tax, and a refund share.
GOODS: dict[str, dict[str, tuple[tuple[str, ...], float, float]]] = {
    "Kitchen": {
        "Mugs & cups": (("Mug", "Espresso Cup", "Tea Bowl", "Tumbler", "Cup and Saucer"), 22, 0.05),
        "Cookware": (("Saucepan", "Casserole", "Frying Pan", "Stock Pot", "Wok"), 68, 0.05),
        "Knives & boards": (("Chef's Knife", "Bread Knife", "Chopping Board"), 49, 0.04),
        "Storage jars": (("Storage Jar", "Bread Bin", "Spice Rack", "Oil Bottle"), 27, 0.05),
    },
    "Coffee & tea": {
        "Coffee makers": (("Coffee Press", "Pour-over Set", "Moka Pot", "Milk Frother"), 46, 0.06),
        "Kettles & pots": (("Kettle", "Teapot", "Tea Infuser", "Gooseneck Kettle"), 44, 0.06),
        "Beans & leaves": (("Espresso Beans", "Filter Coffee", "Green Tea", "Herb Tea"), 17, 0.02),
        "Grinders": (("Hand Grinder", "Burr Grinder", "Dosing Scale"), 72, 0.06),
    },
    "Dining": {
        "Plates & bowls": (("Dinner Plate", "Side Plate", "Serving Bowl", "Pasta Bowl"), 29, 0.06),
        "Glassware": (("Wine Glass", "Water Glass", "Carafe", "Champagne Flute"), 32, 0.08),
        "Cutlery": (("Cutlery Set", "Cake Fork Set", "Serving Spoon"), 59, 0.04),
        "Table linen": (("Tablecloth", "Napkin Set", "Table Runner", "Placemat Set"), 34, 0.08),
    },
    "Bedroom": {
        "Bed linen": (("Duvet Cover", "Pillowcase", "Fitted Sheet", "Bed Set"), 74, 0.13),
        "Duvets & pillows": (("Down Pillow", "Wool Duvet", "Summer Duvet"), 98, 0.11),
        "Throws": (("Throw", "Quilt", "Bedspread", "Wool Blanket"), 79, 0.12),
        "Sleepwear": (("Dressing Gown", "Pyjama Set", "Slippers"), 58, 0.19),
    },
    "Bathroom": {
        "Towels": (("Bath Towel", "Hand Towel", "Towel Set", "Bath Sheet"), 31, 0.09),
        "Bath mats": (("Bath Mat", "Wooden Duckboard"), 36, 0.1),
        "Care & soap": (("Hand Soap", "Body Lotion", "Bath Salt", "Soap Dish"), 18, 0.02),
        "Bath storage": (("Laundry Basket", "Towel Ladder", "Wall Shelf"), 63, 0.08),
    },
    "Living room": {
        "Cushions": (("Cushion", "Cushion Cover", "Floor Cushion"), 35, 0.11),
        "Rugs": (("Wool Rug", "Jute Rug", "Runner Rug", "Flatweave Rug"), 139, 0.14),
        "Lighting": (("Table Lamp", "Floor Lamp", "Pendant Lamp", "Wall Light"), 94, 0.1),
        "Side tables": (("Side Table", "Stool", "Plant Stand", "Magazine Rack"), 109, 0.1),
    },
    "Decoration": {
        "Candles": (("Scented Candle", "Taper Candle Set", "Candle Holder", "Lantern"), 24, 0.03),
        "Vases": (("Vase", "Bud Vase", "Flower Bowl"), 38, 0.08),
        "Frames & prints": (("Picture Frame", "Art Print", "Mirror"), 42, 0.08),
        "Seasonal": (("Wreath", "Garland", "Ornament Set", "Paper Star"), 26, 0.05),
    },
    "Garden": {
        "Planters": (("Planter", "Hanging Pot", "Window Box", "Watering Can"), 39, 0.06),
        "Outdoor dining": (("Picnic Blanket", "Melamine Plate Set", "Cool Bag"), 33, 0.07),
        "Garden tools": (("Pruning Shears", "Hand Trowel", "Garden Gloves", "Dibber"), 28, 0.05),
        "Outdoor lights": (("Solar Lantern", "Festoon Lights", "Garden Torch"), 47, 0.08),
    },
}  # fmt: skip

ADJECTIVES = (
    "Hand-thrown", "Everyday", "Nordic", "Classic", "Ribbed", "Speckled", "Soft", "Rustic", "Slim",
    "Round", "Tall", "Low", "Striped", "Woven", "Matte", "Glazed", "Washed", "Brushed", "Little",
    "Grand", "Quiet", "Coastal", "Meadow", "Harbour", "Orchard", "Winter", "Summer", "Morning",
)  # fmt: skip
BRANDS = (
    "Alder & Finch", "Fernholm", "Koru", "Little Oak", "Stillwater", "Hearth & Hay", "Nordlund",
    "Maison Tilleul", "Saltmarsh", "Tallgrass", "Ember Lane", "Quillwood",
    "Bluebell Mill", "Casa Lino", "Marrow & Pine", "Oslo Ware", "Pebble House", "Ravensmoor",
    "Silkweed", "Thornbury", "Umber", "Velvet Fold", "Wicker & Wax", "Yarrow",
)  # fmt: skip
COLOURS = (
    "Chalk", "Sand", "Moss", "Slate", "Rust", "Ink", "Sage", "Clay", "Plum", "Oat", "Sky", "Coal",
)  # fmt: skip
FIRST_NAMES = (
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hannah", "Ida", "Jonas", "Katrin",
    "Lena", "Marie", "Nils", "Olga", "Paul", "Rosa", "Simon", "Tessa", "Ute", "Victor", "Wanda",
    "Yara", "Zoe", "Alma", "Bruno", "Carla", "Edith", "Frida", "Hugo", "Ines", "Jakob",
)  # fmt: skip
LAST_NAMES = (
    "Ahrens", "Becker", "Conrad", "Dietrich", "Ebert", "Fischer", "Graf", "Hartmann", "Ivers",
    "Jansen", "Keller", "Lorenz", "Martin", "Neumann", "Otto", "Peters", "Reuter", "Seidel",
    "Thomas", "Ulrich", "Vogel", "Weber", "Zimmer", "Baker", "Carter", "Dubois", "Evans", "Garcia",
    "Hughes", "Lambert", "Moreau", "Nielsen", "Novak", "Parker", "Rossi", "Silva", "Visser", "Wood",
)  # fmt: skip
CITIES: dict[str, tuple[str, ...]] = {
    "DE": ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Bremen", "Freiburg", "Kassel"),
    "AT": ("Wien", "Graz", "Linz", "Salzburg"),
    "CH": ("Zürich", "Basel", "Bern", "Genève"),
    "FR": ("Paris", "Lyon", "Nantes", "Lille"),
    "NL": ("Amsterdam", "Utrecht", "Rotterdam"),
    "BE": ("Gent", "Antwerpen", "Bruxelles"),
    "IT": ("Milano", "Torino", "Bologna"),
    "ES": ("Madrid", "Valencia", "Bilbao"),
    "PL": ("Warszawa", "Kraków", "Gdańsk"),
    "DK": ("København", "Aarhus"),
    "SE": ("Stockholm", "Malmö"),
    "LU": ("Luxembourg",),
    "GB": ("London", "Manchester", "Bristol", "Leeds", "Edinburgh", "Norwich"),
    "IE": ("Dublin", "Cork", "Galway"),
}
REASONS = ("Changed mind", "Does not fit", "Damaged", "Not as described", "Late", "Wrong item")
