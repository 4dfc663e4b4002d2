"""The one list of blueprints: where each hangs and who may pass. A blueprint that is not here does not exist."""

from typing import NamedTuple

from flask import Blueprint, Flask

from app import docs, health, metrics, permissions, sms_reports
from app import wechat as wechat_callbacks
from app.api import Blueprint as ApiBlueprint
from app.api import (
    accounts,
    api,
    bindings,
    cards,
    event_draws,
    events_door,
    notifications,
    offers,
    own_shop,
    redemptions,
    rights,
    sign_in,
    signups,
    staff_branches,
    staff_desk,
    staff_doors,
    staff_entries,
    staff_event_lists,
    staff_messages,
    staff_notices,
    staff_preview,
    staff_shops,
    staff_signups,
    unions,
)
from app.api import certificates as api_certificates
from app.api import complaints as api_complaints
from app.api import devices as api_devices
from app.api import events as api_events
from app.api import figures as api_figures
from app.api import shops as api_shops
from app.api import staff_events as api_staff_events
from app.api import staff_misses as api_staff_misses
from app.api import staff_offers as api_staff_offers
from app.pages import certificates, directory, event_picture, phone, privacy, proving, venue, welcome
from app.pages import sign_in as sign_in_pages
from app.pages.events import draws as event_draw_files
from app.pages.events import mine as event_entries
from app.pages.events import pages as events
from app.pages.events import signing as event_signing
from app.pages.finding import pages as finding
from app.pages.member import binding, complaints, devices, inbox, reaching
from app.pages.member import pages as member
from app.pages.member import rights as member_rights
from app.pages.shop import answers, books, colleagues, door, undo, wechat
from app.pages.shop import complaints as shop_complaints
from app.pages.shop import offers as shop_offers
from app.pages.shop import pages as shop
from app.pages.staff import (
    audit,
    corrections,
    enter,
    entry,
    events_acts,
    events_draw,
    events_export,
    events_figures,
    events_signups,
    events_units,
    figures,
    messages,
    messages_channels,
    messages_figures,
    notices,
    offers_drafts,
    officers,
    prints,
    receipts,
    roster,
    shops,
    shops_agreements,
    shops_branches,
    signals,
    tasks,
    tray,
)
from app.pages.staff import complaints as staff_complaints
from app.pages.staff import door as staff_door
from app.pages.staff import events as staff_events
from app.pages.staff import members as staff_members
from app.pages.staff import misses as staff_misses
from app.pages.staff import offers as staff_offers
from app.pages.staff import pages as staff
from app.pages.staff import unions as staff_unions

API = "/api/v1"


class Hung(NamedTuple):
    blueprint: Blueprint | ApiBlueprint
    prefix: str
    guard: permissions.Guard


BLUEPRINTS: tuple[Hung, ...] = (
    Hung(health.blueprint, "", permissions.anybody),
    Hung(metrics.blueprint, "", permissions.anybody),
    Hung(docs.blueprint, API, permissions.anybody),
    Hung(accounts.demo_session, API, permissions.anybody),
    Hung(accounts.session, API, permissions.signed_in),
    Hung(cards.me, API, permissions.member),
    Hung(api_shops.shops, API, permissions.public),
    Hung(offers.offers, API, permissions.public),
    Hung(redemptions.history, API, permissions.member),
    Hung(redemptions.till, API, permissions.clerk),
    Hung(api_complaints.told, API, permissions.member),
    Hung(api_complaints.answers, API, permissions.clerk),
    Hung(api_figures.books, API, permissions.clerk),
    Hung(own_shop.own_shop, API, permissions.clerk),
    Hung(staff_shops.shops, API, permissions.officer),
    Hung(staff_branches.branches, API, permissions.officer),
    Hung(api_staff_offers.offers, API, permissions.officer),
    Hung(staff_preview.trials, API, permissions.officer),
    Hung(staff_desk.work_desk, API, permissions.officer),
    Hung(staff_desk.known, API, permissions.officer),
    Hung(staff_notices.notices, API, permissions.officer),
    Hung(staff_messages.messages, API, permissions.officer),
    Hung(api_events.events, API, permissions.public),
    Hung(event_draws.event_draws, API, permissions.public),
    Hung(signups.signups, API, permissions.member),
    Hung(api_staff_events.events, API, permissions.officer),
    Hung(staff_event_lists.lists, API, permissions.officer),
    Hung(staff_signups.signups, API, permissions.officer),
    Hung(staff_entries.entries, API, permissions.officer),
    Hung(staff_doors.doors, API, permissions.officer),
    Hung(api_staff_misses.misses, API, permissions.officer),
    Hung(notifications.inbox, API, permissions.member),
    Hung(notifications.consents, API, permissions.signed_in),
    Hung(rights.rights, API, permissions.member),
    Hung(unions.directory, API, permissions.anybody),
    Hung(sign_in.sign_in, API, permissions.anybody),
    Hung(bindings.bindings, API, permissions.visitor),
    Hung(bindings.unbinding, API, permissions.member),
    Hung(api_devices.devices, API, permissions.member),
    Hung(events_door.doors, API, permissions.signed_in),
    Hung(events_door.venue, API, permissions.member),
    Hung(api_certificates.own, API, permissions.member),
    Hung(api_certificates.checks, API, permissions.anybody),
    Hung(sign_in_pages.platform, "", permissions.anybody),
    Hung(wechat_callbacks.blueprint, "", permissions.anybody),
    Hung(sms_reports.blueprint, "", permissions.anybody),
    Hung(sign_in_pages.blueprint, "", permissions.public),
    Hung(binding.door, "", permissions.public),
    Hung(binding.visitor, "", permissions.visitor),
    Hung(binding.member, "", permissions.member),
    Hung(welcome.blueprint, "", permissions.public),
    Hung(phone.blueprint, "/demo", permissions.public),
    Hung(finding.blueprint, "", permissions.public),
    Hung(events.blueprint, "", permissions.public),
    Hung(event_picture.blueprint, "", permissions.anybody),
    Hung(event_draw_files.blueprint, "", permissions.public),
    Hung(directory.blueprint, "", permissions.public),
    Hung(privacy.blueprint, "", permissions.public),
    Hung(member.blueprint, "", permissions.member),
    Hung(inbox.blueprint, "", permissions.member),
    Hung(inbox.message, "", permissions.signed_in),
    Hung(reaching.blueprint, "", permissions.member),
    Hung(complaints.blueprint, "", permissions.member),
    Hung(event_signing.blueprint, "", permissions.member),
    Hung(event_entries.blueprint, "", permissions.member),
    Hung(venue.blueprint, "", permissions.member),
    Hung(certificates.blueprint, "", permissions.member),
    Hung(certificates.verify, "", permissions.public),
    Hung(member_rights.blueprint, "/me/data", permissions.member),
    Hung(devices.blueprint, "/me/devices", permissions.member),
    Hung(shop.blueprint, "/shop", permissions.clerk),
    Hung(answers.blueprint, "/shop/asked", permissions.clerk),
    Hung(undo.blueprint, "/shop", permissions.clerk),
    Hung(wechat.blueprint, "/shop/wechat", permissions.clerk),
    Hung(books.blueprint, "/shop/books", permissions.clerk),
    Hung(door.blueprint, "/till", permissions.signed_in),
    Hung(shop_complaints.blueprint, "/shop/complaints", permissions.clerk),
    Hung(shop_offers.blueprint, "/shop/offers", permissions.clerk),
    Hung(colleagues.blueprint, "/shop/colleagues", permissions.clerk),
    Hung(proving.blueprint, "/prove", permissions.signed_in),
    Hung(enter.blueprint, "/staff/enter", permissions.member),
    Hung(entry.blueprint, "", permissions.public),
    Hung(staff.blueprint, "/staff", permissions.officer),
    Hung(staff_members.blueprint, "/staff/members", permissions.officer),
    Hung(roster.blueprint, "/staff/roster", permissions.officer),
    Hung(staff_unions.blueprint, "/staff/unions", permissions.officer),
    Hung(corrections.blueprint, "/staff/corrections", permissions.officer),
    Hung(prints.blueprint, "/staff/prints", permissions.officer),
    Hung(tray.blueprint, "/staff/tray", permissions.officer),
    Hung(officers.blueprint, "/staff/officers", permissions.officer),
    Hung(tasks.blueprint, "/staff/tasks", permissions.officer),
    Hung(notices.blueprint, "/staff/notices", permissions.officer),
    Hung(messages_channels.blueprint, "/staff/channels", permissions.officer),
    Hung(messages_figures.blueprint, "/staff/channels/figures", permissions.officer),
    Hung(messages.blueprint, "/staff/channels/messages", permissions.officer),
    Hung(staff_events.blueprint, "/staff/events", permissions.officer),
    Hung(events_acts.blueprint, "/staff/events", permissions.officer),
    Hung(events_signups.blueprint, "/staff/events", permissions.officer),
    Hung(events_export.blueprint, "/staff/events", permissions.officer),
    Hung(events_figures.blueprint, "/staff/events", permissions.officer),
    Hung(events_draw.blueprint, "/staff/events", permissions.officer),
    Hung(events_units.blueprint, "/staff/events", permissions.officer),
    Hung(shops.blueprint, "/staff/shops", permissions.officer),
    Hung(staff_offers.blueprint, "/staff/offers", permissions.officer),
    Hung(offers_drafts.blueprint, "/staff/offers", permissions.officer),
    Hung(shops_branches.blueprint, "/staff/shops", permissions.officer),
    Hung(shops_agreements.blueprint, "/staff/shops", permissions.officer),
    Hung(staff_complaints.blueprint, "/staff/complaints", permissions.officer),
    Hung(receipts.blueprint, "/staff/receipts", permissions.officer),
    Hung(figures.blueprint, "/staff/figures", permissions.officer),
    Hung(signals.blueprint, "/staff/signals", permissions.officer),
    Hung(staff_door.blueprint, "/staff/door", permissions.officer),
    Hung(staff_misses.blueprint, "/staff/misses", permissions.officer),
    Hung(audit.blueprint, "/staff/audit", permissions.officer),
)


def register(app: Flask) -> None:
    """The guard runs before every route of its blueprint."""
    for hung in BLUEPRINTS:
        # On the app, not on the blueprint: a blueprint may be hung once only, and a process may build two apps.
        app.before_request_funcs.setdefault(hung.blueprint.name, []).append(hung.guard)
        if isinstance(hung.blueprint, ApiBlueprint):
            api.register_blueprint(hung.blueprint, url_prefix=hung.prefix)
        else:
            app.register_blueprint(hung.blueprint, url_prefix=hung.prefix or None)
