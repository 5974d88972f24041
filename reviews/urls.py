"""The addresses of the pages; a case's id is the only thing about it that an address tells."""

from django.urls import path

from reviews.views import (
    ahead,
    beside,
    case,
    exports,
    home,
    listing,
    papers,
    settings,
    talking,
    undoing,
    verdicts,
    working,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("start/", home.start, name="start"),
    path("ahead/", ahead.fetch, name="ahead"),
    path("undo/", undoing.undo, name="undo"),
    path("settings/", settings.settings, name="settings"),
    path("settings/choice/", settings.choose, name="choose"),
    path("palette/", settings.palette, name="palette"),
    path("cases/", listing.cases, name="cases"),
    path("exports/", exports.exports, name="exports"),
    path("exports/file/", exports.download, name="export"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/claim/", case.claim, name="claim"),
    path("cases/<uuid:case_id>/take-over/", case.take_over, name="take_over"),
    path("cases/<uuid:case_id>/rescore/", beside.rescore, name="rescore"),
    path("cases/<uuid:case_id>/fields/<slug:name>/", working.field, name="field"),
    path("cases/<uuid:case_id>/heartbeat/", working.heartbeat, name="heartbeat"),
    path("cases/<uuid:case_id>/give-back/", working.give_back, name="give_back"),
    path("cases/<uuid:case_id>/draft/", verdicts.draft, name="draft"),
    path("cases/<uuid:case_id>/verdict/", verdicts.verdict, name="verdict"),
    path("cases/<uuid:case_id>/comments/", talking.comment, name="comment"),
    path("cases/<uuid:case_id>/colleagues/", talking.colleagues, name="colleagues"),
    path("cases/<uuid:case_id>/hold/", talking.hold, name="hold"),
    path("cases/<uuid:case_id>/ask/", talking.ask, name="ask"),
    path("cases/<uuid:case_id>/take-up/", talking.take_up, name="take_up"),
    path("cases/<uuid:case_id>/pages/<uuid:page_id>/", papers.page_image, name="page_image"),
    path(
        "cases/<uuid:case_id>/pages/<uuid:page_id>/<slug:size>/",
        papers.page_image,
        name="page_image",
    ),
    path("cases/<uuid:case_id>/papers/<uuid:document_id>/", papers.original, name="original"),
]
