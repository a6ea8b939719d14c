from core.sparks import spark_of


def test_line_spans_the_box_from_lowest_to_highest():
    assert spark_of([0, 10], width=100, height=12).current == "M0.0 11.0L100.0 1.0"


def test_missing_value_breaks_the_line_and_leaves_the_area_out():
    spark = spark_of([0, None, 10], width=100, height=12)

    assert spark.current == "M0.0 11.0M100.0 1.0"
    assert spark.area == ""


def test_both_lines_share_one_scale():
    spark = spark_of([0, 5], [0, 10], width=100, height=12)

    assert spark.current == "M0.0 11.0L100.0 6.0"
    assert spark.compared == "M0.0 11.0L100.0 1.0"


def test_equal_values_lie_in_the_middle():
    assert spark_of([3, 3], width=10, height=10).current == "M0.0 5.0L10.0 5.0"


def test_nothing_draws_nothing():
    assert spark_of([]).current == ""
