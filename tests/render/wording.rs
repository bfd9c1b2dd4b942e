//! The wording of every mail in both languages, as people read it.

use edgegate::domain::locale::Locale;
use insta::assert_snapshot;

use super::{every_mail, message, renderer};

/// The text part of the mail of this kind, with plain spaces.
fn text(kind: &str, locale: Locale) -> String {
    renderer().mail(&message(kind), locale).expect("renders").text.replace('\u{a0}', " ")
}

#[test]
fn subjects_are_what_people_should_read() {
    let subjects: Vec<String> = every_mail().into_iter().map(|(.., mail)| mail.subject).collect();
    assert_snapshot!(subjects.join("\n"), @r"
    Confirm your email address for Northwind
    Northwind: подтвердите адрес электронной почты
    You already have an account with Northwind
    Northwind: у вас уже есть учётная запись
    Sign in to Northwind
    Northwind: вход в учётную запись
    You are invited to Northwind
    Northwind: вас пригласили
    Set a new password for Northwind
    Northwind: новый пароль
    A new address for your Northwind account
    Northwind: новый адрес вашей учётной записи
    Confirm your new address for Northwind
    Northwind: подтвердите новый адрес
    Confirm that it is you at Northwind
    Northwind: подтвердите, что это вы
    Your Northwind password was changed
    Northwind: ваш пароль изменён
    The email address of your Northwind account was changed
    Northwind: адрес вашей учётной записи изменён
    New sign-in to your Northwind account
    Northwind: вход с нового устройства
    Your Northwind account is going to be deleted
    Northwind: ваша учётная запись будет удалена
    Your Northwind account was deleted
    Northwind: ваша учётная запись удалена
    One of your Northwind sessions was ended
    Northwind: один из ваших сеансов завершён
    ");
}

#[test]
fn the_english_confirmation_reads_well() {
    assert_snapshot!(text("confirm_signup", Locale::En), @r"
    Hello!

    Somebody signed up for Northwind with the address ann.lee@example.com.

    If it was you, open this link and press the button on the page. That
    confirms the address and signs you in:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you signed up:

    048213

    The link and the code work for 24 hours. After that, ask for a new email
    where you signed up.

    If it was not you, ignore this email: unless the address is confirmed,
    no account becomes active. Do not give the code to anyone.
    ");
}

#[test]
fn the_russian_confirmation_reads_well() {
    assert_snapshot!(text("confirm_signup", Locale::Ru), @r"
    Здравствуйте!

    Кто-то зарегистрировался в Northwind и указал адрес ann.lee@example.com.

    Если это вы, откройте ссылку и нажмите кнопку на странице. Так вы
    подтвердите адрес и сразу войдёте:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где регистрировались:

    048213

    Ссылка и код действуют 24 часа. Потом можно запросить новое письмо там
    же, где вы регистрировались.

    Если это не вы, ничего делать не нужно: пока адрес не подтверждён,
    учётная запись не заработает. Никому не сообщайте код.
    ");
}

#[test]
fn the_english_note_to_an_existing_account_reads_well() {
    assert_snapshot!(text("already_registered", Locale::En), @r"
    Hello!

    Somebody tried to sign up for Northwind with the address
    ann.lee@example.com. You already have an account with this address, so
    no new one was made, and yours stays as it was.

    If it was you, sign in with the password you already have:

    https://app.example.com

    If it was not you, there is nothing to do: nothing happened, and nothing
    changed. Whoever it was did not learn from us that you have an account.
    ");
}

#[test]
fn the_russian_note_to_an_existing_account_reads_well() {
    assert_snapshot!(text("already_registered", Locale::Ru), @r"
    Здравствуйте!

    Кто-то пытался зарегистрироваться в Northwind с адресом
    ann.lee@example.com. У вас уже есть учётная запись с этим адресом,
    поэтому новая не появилась, а в вашей ничего не изменилось.

    Если это вы, войдите с паролем, который уже задали:

    https://app.example.com

    Если это не вы, ничего делать не нужно: ничего не произошло и ничего не
    изменилось. О том, что у вас есть учётная запись, мы никому не сообщили.
    ");
}

#[test]
fn the_english_note_about_a_replayed_session_reads_well() {
    assert_snapshot!(text("session_replayed", Locale::En), @r"
    Hello!

    To be on the safe side, we ended one of the sessions of your Northwind
    account. A session is kept going by a key that is exchanged for a new
    one now and then. A key that had already been exchanged was used once
    more:

    When: 24 November 2026, 12:05 UTC
    Device: Chrome on Windows
    IP address: 203.0.113.7

    This may have been your own device or somebody else's: either an app
    made a mistake, or somebody has a copy of the key. We cannot tell which,
    so we ended this session at once, on every device that shared it. Your
    other sessions go on.

    To go on, sign in again:

    https://app.example.com

    If you do not recognise the device or the address, change your password
    as soon as you are signed in. Do the same if you get an email like this
    again.
    ");
}

#[test]
fn the_russian_note_about_a_replayed_session_reads_well() {
    assert_snapshot!(text("session_replayed", Locale::Ru), @r"
    Здравствуйте!

    Для вашей безопасности мы завершили один из сеансов вашей учётной записи
    в Northwind. Сеанс держится на ключе, который время от времени
    заменяется новым. Ключ, который уже был заменён, использовали ещё раз:

    Когда: 24 ноября 2026 г., 12:05 UTC
    Устройство: Chrome на Windows
    IP-адрес: 203.0.113.7

    Это могло быть и ваше устройство, и чужое: либо ошиблось приложение,
    либо у кого-то есть копия ключа. Отличить одно от другого мы не можем,
    поэтому сразу завершили этот сеанс на всех устройствах, где он был
    открыт. Остальные ваши сеансы продолжаются.

    Чтобы продолжить, войдите снова:

    https://app.example.com

    Если вы не узнаёте устройство или адрес, после входа смените пароль.
    Сделайте то же самое, если такое письмо придёт ещё раз.
    ");
}

#[test]
fn the_english_mail_that_signs_in_reads_well() {
    assert_snapshot!(text("sign_in", Locale::En), @r"
    Hello!

    Somebody asked to sign in to Northwind with the address
    ann.lee@example.com.

    If it was you, open this link and press the button on the page. That
    signs you in:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you are signing in:

    048213

    The link and the code work for 10 minutes. After that, ask for a new
    email where you are signing in.

    If it was not you, ignore this email: nobody gets in without the link or
    the code. Whoever has one of them can sign in as you, so do not give the
    code to anyone and do not forward this email.
    ");
}

#[test]
fn the_russian_mail_that_signs_in_reads_well() {
    assert_snapshot!(text("sign_in", Locale::Ru), @r"
    Здравствуйте!

    Кто-то хочет войти в Northwind с адресом ann.lee@example.com.

    Если это вы, откройте ссылку и нажмите кнопку на странице. Так вы
    войдёте:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где входите:

    048213

    Ссылка и код действуют 10 минут. Потом можно запросить новое письмо там
    же, где вы входите.

    Если это не вы, ничего делать не нужно: без ссылки или кода никто не
    войдёт. С ними же может войти любой, поэтому никому не сообщайте код и
    не пересылайте это письмо.
    ");
}

#[test]
fn the_english_recovery_reads_well() {
    assert_snapshot!(text("recovery", Locale::En), @r"
    Hello!

    Somebody asked to set a new password for the Northwind account with the
    address ann.lee@example.com.

    If it was you, open this link and choose the new password on the page:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you asked for the new password:

    048213

    The link and the code work for 1 hour. After that, ask for a new email
    where you asked for this one.

    If it was not you, ignore this email: the password stays as it is.
    Whoever has the link or the code can get into your account, so do not
    give the code to anyone and do not forward this email.
    ");
}

#[test]
fn the_russian_recovery_reads_well() {
    assert_snapshot!(text("recovery", Locale::Ru), @r"
    Здравствуйте!

    Кто-то хочет задать новый пароль к учётной записи в Northwind с адресом
    ann.lee@example.com.

    Если это вы, откройте ссылку и придумайте новый пароль на странице:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где запрашивали новый пароль:

    048213

    Ссылка и код действуют 1 час. Потом можно запросить новое письмо там же,
    где вы запрашивали это.

    Если это не вы, ничего делать не нужно: пароль останется прежним. Со
    ссылкой или кодом в вашу учётную запись может войти любой, поэтому
    никому не сообщайте код и не пересылайте это письмо.
    ");
}

#[test]
fn the_english_question_to_the_current_address_reads_well() {
    assert_snapshot!(text("email_change_current", Locale::En), @r"
    Hello!

    Somebody who is signed in to your Northwind account asked to change its
    address. The new address is to be ann.lee@example.com.

    If it was you, agree to the change: open this link and press the button
    on the page:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you asked for the change:

    048213

    The link and the code work for 24 hours. The new address has got an
    email too: the change is made once both have agreed.

    * * *

    If it was not you, somebody else is in your account. Open this link and
    press the button on the page:

    https://auth.example.com/auth/v1/verify?token=Ub8nD2oL6kA4hF0jW9eQ3rT5yI7pS1dG6zX2cV4bN8m&type=email_change_undo

    That stops the change, or takes it back if it has been made already,
    signs everybody out and removes the password, which the other person may
    know. After that, choose “forgot my password” to set a new one. This
    link works for 7 days. Do not give the code to anyone.
    ");
}

#[test]
fn the_russian_question_to_the_current_address_reads_well() {
    assert_snapshot!(text("email_change_current", Locale::Ru), @r"
    Здравствуйте!

    Кто-то, кто вошёл в вашу учётную запись в Northwind, хочет сменить её
    адрес. Новый адрес: ann.lee@example.com.

    Если это вы, подтвердите своё согласие: откройте ссылку и нажмите кнопку
    на странице:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где меняете адрес:

    048213

    Ссылка и код действуют 24 часа. На новый адрес мы тоже отправили письмо:
    адрес сменится, когда будет согласие из обоих писем.

    * * *

    Если это не вы, значит, в вашей учётной записи кто-то посторонний.
    Откройте ссылку и нажмите кнопку на странице:

    https://auth.example.com/auth/v1/verify?token=Ub8nD2oL6kA4hF0jW9eQ3rT5yI7pS1dG6zX2cV4bN8m&type=email_change_undo

    Так вы остановите смену адреса или отмените её, если она уже произошла.
    Все сеансы завершатся, а пароль, который может знать посторонний, будет
    удалён. После этого выберите «Забыли пароль?» и задайте новый. Эта
    ссылка действует 7 дней. Никому не сообщайте код.
    ");
}

#[test]
fn the_english_confirmation_of_a_new_address_reads_well() {
    assert_snapshot!(text("email_change_new", Locale::En), @r"
    Hello!

    Somebody asked to make ann.lee@example.com the address of their
    Northwind account.

    If it was you, open this link and press the button on the page. That
    confirms the address:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Or type this code where you asked for the change:

    048213

    The link and the code work for 24 hours. If the current address has to
    agree as well, it has got an email of its own.

    If it was not you, ignore this email: unless the address is confirmed,
    it does not become part of any account. Do not give the code to anyone.
    ");
}

#[test]
fn the_russian_confirmation_of_a_new_address_reads_well() {
    assert_snapshot!(text("email_change_new", Locale::Ru), @r"
    Здравствуйте!

    Кто-то хочет, чтобы ann.lee@example.com стал адресом его учётной записи
    в Northwind.

    Если это вы, откройте ссылку и нажмите кнопку на странице. Так вы
    подтвердите адрес:

    https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=signup

    Или введите этот код там, где меняете адрес:

    048213

    Ссылка и код действуют 24 часа. Если нужно согласие и с прежнего адреса,
    туда отправлено отдельное письмо.

    Если это не вы, ничего делать не нужно: пока адрес не подтверждён, он не
    будет привязан ни к одной учётной записи. Никому не сообщайте код.
    ");
}

#[test]
fn the_english_code_that_proves_once_more_who_is_there_reads_well() {
    assert_snapshot!(text("reauthentication", Locale::En), @r"
    Hello!

    Somebody who is signed in to your Northwind account is about to do
    something for which we ask once more who they are, such as changing the
    password.

    If it is you, type this code where you are asked for it:

    048213

    The code works for 10 minutes. After that, ask for a new one in the same
    place.

    If it is not you, somebody else is signed in to your account. Do not
    give the code to anyone, and change your password at once: that signs
    everybody else out.
    ");
}

#[test]
fn the_russian_code_that_proves_once_more_who_is_there_reads_well() {
    assert_snapshot!(text("reauthentication", Locale::Ru), @r"
    Здравствуйте!

    Кто-то, кто вошёл в вашу учётную запись в Northwind, собирается сделать
    то, перед чем мы просим ещё раз подтвердить личность: например, сменить
    пароль.

    Если это вы, введите этот код там, где его просят:

    048213

    Код действует 10 минут. Потом можно запросить новый там же.

    Если это не вы, значит, в вашу учётную запись вошёл кто-то посторонний.
    Никому не сообщайте код и сразу смените пароль: так завершатся все чужие
    сеансы.
    ");
}

#[test]
fn the_english_note_about_a_changed_password_reads_well() {
    assert_snapshot!(text("password_changed", Locale::En), @r"
    Hello!

    The password of your Northwind account was changed:

    When: 24 November 2026, 12:05 UTC
    Device: Chrome on Windows
    IP address: 203.0.113.7

    If it was you, there is nothing to do.

    If it was not you, take your account back now. Open Northwind, choose
    “forgot my password” and set a new password: that signs everybody else
    out.

    https://app.example.com

    Then make sure that nobody but you can read this mailbox: whoever reads
    it can set a new password too.
    ");
}

#[test]
fn the_russian_note_about_a_changed_password_reads_well() {
    assert_snapshot!(text("password_changed", Locale::Ru), @r"
    Здравствуйте!

    Пароль к вашей учётной записи в Northwind изменён:

    Когда: 24 ноября 2026 г., 12:05 UTC
    Устройство: Chrome на Windows
    IP-адрес: 203.0.113.7

    Если это сделали вы, ничего делать не нужно.

    Если это не вы, сразу верните себе учётную запись. Откройте Northwind,
    выберите «Забыли пароль?» и задайте новый: так завершатся все чужие
    сеансы.

    https://app.example.com

    Затем проверьте, что эту почту не может читать никто, кроме вас: тот,
    кто её читает, тоже может задать новый пароль.
    ");
}

#[test]
fn the_english_note_about_a_changed_address_reads_well() {
    assert_snapshot!(text("email_changed", Locale::En), @r"
    Hello!

    An administrator of Northwind gave your account another email address on
    24 November 2026, 12:05 UTC. From now on you sign in with that one, and
    emails go there.

    If you asked for it, there is nothing to do.

    If you did not, ask the administrators of Northwind at once:

    https://app.example.com
    ");
}

#[test]
fn the_russian_note_about_a_changed_address_reads_well() {
    assert_snapshot!(text("email_changed", Locale::Ru), @r"
    Здравствуйте!

    Администратор Northwind указал для вашей учётной записи другой адрес
    электронной почты: 24 ноября 2026 г., 12:05 UTC. Теперь вы входите с
    новым адресом, и письма приходят на него.

    Если вы об этом просили, ничего делать не нужно.

    Если не просили, сразу обратитесь к администраторам Northwind:

    https://app.example.com
    ");
}

#[test]
fn the_english_note_about_a_new_device_reads_well() {
    assert_snapshot!(text("new_device", Locale::En), @r"
    Hello!

    Somebody signed in to your Northwind account from a device that has not
    been used with it before:

    When: 24 November 2026, 12:05 UTC
    Device: Chrome on Windows
    IP address: 203.0.113.7

    If it was you, there is nothing to do.

    If it was not you, open Northwind, choose “forgot my password” and set
    a new password: that signs everybody else out.

    https://app.example.com

    If you used the same password elsewhere, change it there as well.
    ");
}

#[test]
fn the_russian_note_about_a_new_device_reads_well() {
    assert_snapshot!(text("new_device", Locale::Ru), @r"
    Здравствуйте!

    В вашу учётную запись в Northwind вошли с устройства, с которого раньше
    в неё не входили:

    Когда: 24 ноября 2026 г., 12:05 UTC
    Устройство: Chrome на Windows
    IP-адрес: 203.0.113.7

    Если это были вы, ничего делать не нужно.

    Если это не вы, откройте Northwind, выберите «Забыли пароль?» и задайте
    новый пароль: так завершатся все чужие сеансы.

    https://app.example.com

    Если такой же пароль у вас где-то ещё, смените его и там.
    ");
}

#[test]
fn the_english_note_about_a_coming_deletion_reads_well() {
    assert_snapshot!(text("deletion_scheduled", Locale::En), @r"
    Hello!

    Somebody asked to delete your Northwind account:

    When: 24 November 2026, 12:05 UTC
    Device: Chrome on Windows
    IP address: 203.0.113.7

    The account will be deleted for good on 24 December 2026, 12:05 UTC.
    That cannot be undone.

    If it was you and you have not changed your mind, there is nothing to
    do.

    To keep the account, sign in before then:

    https://app.example.com

    If it was not you, sign in, then change your password at once: that
    signs everybody else out.
    ");
}

#[test]
fn the_russian_note_about_a_coming_deletion_reads_well() {
    assert_snapshot!(text("deletion_scheduled", Locale::Ru), @r"
    Здравствуйте!

    Кто-то попросил удалить вашу учётную запись в Northwind:

    Когда: 24 ноября 2026 г., 12:05 UTC
    Устройство: Chrome на Windows
    IP-адрес: 203.0.113.7

    Учётная запись будет удалена насовсем 24 декабря 2026 г., 12:05 UTC.
    Вернуть её будет нельзя.

    Если это вы и вы не передумали, ничего делать не нужно.

    Чтобы сохранить учётную запись, войдите в неё до этого времени:

    https://app.example.com

    Если это не вы, войдите и сразу смените пароль: так завершатся все чужие
    сеансы.
    ");
}

#[test]
fn the_english_farewell_reads_well() {
    assert_snapshot!(text("account_deleted", Locale::En), @r"
    Hello!

    Your Northwind account was deleted. Nobody can sign in to it any more,
    and it cannot be brought back.

    If you want to return one day, sign up anew:

    https://app.example.com

    If you did not ask for this, contact the people behind Northwind.
    ");
}

#[test]
fn the_russian_farewell_reads_well() {
    assert_snapshot!(text("account_deleted", Locale::Ru), @r"
    Здравствуйте!

    Ваша учётная запись в Northwind удалена. Войти в неё больше нельзя,
    вернуть её тоже.

    Если однажды захотите вернуться, зарегистрируйтесь заново:

    https://app.example.com

    Если вы об этом не просили, напишите тем, кто отвечает за Northwind.
    ");
}
