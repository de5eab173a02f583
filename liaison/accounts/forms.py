from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator

from .models import normal_username

LONGEST = 128
RULES = "至少 10 个字符；大写字母、小写字母、数字、符号至少三种；不要用姓名、账号、地名、常见词。"


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "账号或密码不对，请再输一次。连续输错 5 次，15 分钟内不能登录。",
        "inactive": "这个账号已停用，请联系管理员。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["password"].label = "密码"

    def clean_username(self):
        return normal_username(self.cleaned_data["username"])


class NewPasswordForm(PasswordChangeForm):
    """The person's own change of password: the old one, and the new one twice."""

    error_messages = {
        "password_mismatch": "两次输入的新密码不一样，请再输一次。",
        "password_incorrect": "原密码不对，请再输一次。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {"old_password": "原密码", "new_password1": "新密码", "new_password2": "再输一次新密码"}
        for name, label in labels.items():
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.validators.append(MaxLengthValidator(LONGEST, f"密码最多 {LONGEST} 个字符，请缩短。"))
        self.fields["new_password1"].help_text = RULES

    def validate_password_for_user(self, user, password_field_name=""):
        """What is wrong with the new password is said where it is typed first."""
        super().validate_password_for_user(user, "new_password1")

    def save(self, commit: bool = True):
        self.user.change_password(self.cleaned_data["new_password1"])
        return self.user
