import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditRow, Notification, User
from accounts.queries import demo_email, demo_password, demo_signins
from accounts.services import notify
from tests.factories.stores import UserFactory


def test_account_page_shows_what_is_set(alice_signed_in):
    response = alice_signed_in.get(reverse("accounts:account"))

    assert response.status_code == 200
    assert b'value="Alice"' in response.content


def test_account_is_changed_and_written_down(alice_signed_in, alice):
    sent = {"name": "Alice Meier", "locale": "de"}
    alice_signed_in.post(reverse("accounts:account"), sent)

    alice.refresh_from_db()
    assert (alice.name, alice.locale, alice.single_keys) == ("Alice Meier", "de", False)
    assert AuditRow.objects.get().changes["locale"] == ["en", "de"]


def test_account_with_a_fault_keeps_what_was_typed(alice_signed_in, alice):
    sent = {"name": "x" * 121, "locale": "de"}
    response = alice_signed_in.post(reverse("accounts:account"), sent)

    alice.refresh_from_db()
    assert response.status_code == 422
    assert b'aria-invalid="true"' in response.content
    assert alice.name == "Alice"


def test_theme_is_kept_for_the_person_and_leads_back(alice_signed_in, alice):
    sent = {"theme": "dark", "next": "/palette/?q=a"}
    response = alice_signed_in.post(reverse("accounts:theme"), sent)

    assert response["Location"] == "/palette/?q=a"
    assert User.objects.get(pk=alice.pk).theme == "dark"
    assert b'data-bs-theme="dark"' in alice_signed_in.get(reverse("accounts:account")).content


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_theme_never_leads_elsewhere(alice_signed_in, elsewhere):
    sent = {"theme": "dark", "next": elsewhere}
    response = alice_signed_in.post(reverse("accounts:theme"), sent)

    assert response["Location"] == reverse("accounts:account")


def test_unknown_theme_changes_nothing(alice_signed_in, alice):
    alice_signed_in.post(reverse("accounts:theme"), {"theme": "pink"})

    assert User.objects.get(pk=alice.pk).theme == "system"


def test_bell_counts_only_ones_own_and_reading_empties_it(alice_signed_in, alice, bob):
    notify(users=[alice.pk, bob.pk], title="Import finished")

    page = alice_signed_in.get(reverse("accounts:notifications")).content
    assert b"Notifications, 1 unread" in page
    alice_signed_in.post(reverse("accounts:notifications-read"))

    unread = Notification.objects.filter(read_at=None)
    assert [notice.user for notice in unread] == [bob]


def test_opening_a_notification_reads_it_and_goes_to_its_object(alice_signed_in, alice):
    notify(users=[alice.pk, alice.pk], title="Import finished", url="/ui/#lists")
    first, second = Notification.objects.order_by("pk")

    response = alice_signed_in.post(reverse("accounts:notification-open", args=[first.pk]))

    assert response["Location"] == "/ui/#lists"
    assert list(Notification.objects.filter(read_at=None)) == [second]


def test_notification_of_somebody_else_is_not_there(alice_signed_in, bob):
    notify(users=[bob.pk], title="For Bob")
    notice = Notification.objects.get()

    response = alice_signed_in.post(reverse("accounts:notification-open", args=[notice.pk]))

    notice.refresh_from_db()
    assert response.status_code == 404
    assert notice.read_at is None


def test_notification_never_leads_elsewhere(alice_signed_in, alice):
    notify(users=[alice.pk], title="Odd", url="https://evil.example/")
    notice = Notification.objects.get()

    response = alice_signed_in.post(reverse("accounts:notification-open", args=[notice.pk]))

    assert response["Location"] == reverse("accounts:notifications")


def test_notifications_of_one_kind_are_listed_alone(alice_signed_in, alice):
    notify(users=[alice.pk], title="Ads are late", group=Notification.Group.ACTION)
    notify(users=[alice.pk], title="Import finished", group=Notification.Group.DONE)

    response = alice_signed_in.get(reverse("accounts:notifications"), {"group": "action"})

    assert [notice.title for notice in response.context["notices"]] == ["Ads are late"]


def test_palette_offers_every_page_while_nothing_is_typed(alice_signed_in):
    response = alice_signed_in.get(reverse("palette"), headers={"HX-Request": "true"})

    assert b'data-href="/account/"' in response.content
    assert b"<html" not in response.content


def test_palette_works_as_a_page_and_says_when_nothing_is_found(alice_signed_in):
    response = alice_signed_in.get(reverse("palette"), {"q": "zzzz <b>"})

    assert b"zzzz &lt;b&gt;" in response.content
    assert b"Nothing found" in response.content


@pytest.mark.parametrize("name", ["accounts:account", "accounts:notifications", "palette", "parts"])
def test_pages_of_a_person_ask_to_sign_in(db, name):
    response = Client().get(reverse(name))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_parts_page_draws_every_part(alice_signed_in):
    response = alice_signed_in.get(reverse("parts"))

    assert response.status_code == 200
    assert response.content.count(b"data-plot=") == 5


def test_demo_people_are_offered_while_they_are_there(db):
    assert demo_signins() == []
    User.objects.create_user(demo_email("manager"), demo_password("manager"), is_demo=True)
    UserFactory(email=demo_email("staff"))

    page = Client().get(reverse("account_login")).content

    assert [(who.email, who.password) for who in demo_signins()] == [
        ("manager@demo.example", "demo-manager-2026")
    ]
    assert b"demo-manager-2026" in page
    assert b"staff@demo.example" not in page


def test_demo_button_signs_in(db):
    User.objects.create_user(demo_email("manager"), demo_password("manager"), is_demo=True)
    client = Client()

    sent = {"login": demo_email("manager"), "password": demo_password("manager")}
    client.post(reverse("account_login"), sent)

    assert client.get(reverse("accounts:account")).status_code == 200


def test_numbers_follow_the_locale_of_the_person(alice_signed_in, alice):
    alice.locale = "de"
    alice.save()

    assert "412.860,40\xa0€" in alice_signed_in.get(reverse("parts")).content.decode()
