from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import news, published, views

app_name = "portal"
urlpatterns = [
    path("accessibility/", login_not_required(views.accessibility), name="accessibility"),
    path("news/photos/<uuid:key>/", login_not_required(news.photo), name="news_photo"),
    path("bulletins/<int:pk>/file.<str:form>", login_not_required(news.bulletin_file), name="bulletin_file"),
    path("notices/", login_not_required(views.notices), name="notices"),
    path("photos/<uuid:key>/", login_not_required(views.photo), name="photo"),
    path("published/<uuid:key>/", login_not_required(published.answer_file), name="answer_file"),
    path("privacy/", login_not_required(views.privacy), name="privacy"),
    path("q/<str:token>/", login_not_required(views.door), name="door"),
]
