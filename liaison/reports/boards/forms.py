"""Which area or station, and which days, a board is asked for."""

from typing import Any

from django import forms

from liaison.accounts.models import Post
from liaison.reports.forms import PeriodForm
from stations.models import Station

from .board import Board, asked


class BoardForm(PeriodForm):
    station = forms.ModelChoiceField(
        Station.objects.none(), to_field_name="code", required=False, widget=forms.HiddenInput
    )

    def __init__(self, query: Any, *, post: Post, **kwargs: Any) -> None:
        super().__init__(query, post=post, **kwargs)
        station: Any = self.fields["station"]
        station.queryset = Station.objects.visible_to(post).select_related("area")
        if self.data.get("station"):  # another area would leave the station
            self.fields["area"].widget = forms.HiddenInput()

    def board(self) -> Board:
        told = self.cleaned_data
        return asked(told["area"], told["first"], told["last"], self.post, self.today, told["station"])
