from core.palette import LIMIT, PaletteItem, grouped, score_of, search


def item(label: str, score: float = 50, group: str = "Go to") -> PaletteItem:
    return PaletteItem(group, label, "Page", f"/{label}/", score)


def test_exact_beats_start_beats_word_beats_inside():
    scores = [
        score_of("lamp", text) for text in ("Lamp", "Lampshade", "Desk lamp", "Clampy", "Sofa")
    ]

    assert scores == [100, 80, 60, 40, 0]


def test_words_may_stand_in_any_order():
    assert score_of("lamp desk", "Desk lamp, brass") == 40


def test_best_items_of_all_sources_come_first():
    found = search(None, "x", [lambda v, w: [item("b", 10)], lambda v, w: [item("a", 90)]])

    assert [each.label for each in found] == ["a", "b"]


def test_a_source_that_fails_does_not_silence_the_others():
    def broken(viewer, words):
        raise RuntimeError("no answer")

    found = search(None, "x", [broken, lambda v, w: [item("a")]])

    assert [each.label for each in found] == ["a"]


def test_the_same_thing_is_offered_once_and_at_most_twelve():
    many = [item(str(n)) for n in range(20)] * 2

    assert len(search(None, "x", [lambda v, w: many])) == LIMIT


def test_the_group_of_the_best_item_leads():
    groups = grouped([item("a", 90, "Orders"), item("b", 80, "Go to"), item("c", 70, "Orders")])

    assert [(group.label, [each.label for each in group.items]) for group in groups] == [
        ("Orders", ["a", "c"]),
        ("Go to", ["b"]),
    ]
