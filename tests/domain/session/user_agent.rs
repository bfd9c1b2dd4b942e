//! Which device a `User-Agent` header names. The headers are those that browsers and libraries sent
//! in 2025 and 2026.

use edgegate::domain::session::user_agent::Device;
use proptest::prelude::*;

/// Each header with the words for it.
fn assert_words(table: &[(&str, &str)]) {
    for (header, words) in table {
        assert_eq!(Device::parse(header).to_string(), *words, "{header}");
    }
}

#[test]
fn browsers_on_computers_are_named() {
    assert_words(&[
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome on macOS",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36 OPR/129.0.0.0",
            "Opera on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36 OPR/120.0.0.0",
            "Opera on macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 YaBrowser/25.12.0.0 Safari/537.36",
            "Yandex Browser on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Vivaldi/7.6.3797.52",
            "Vivaldi on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on macOS"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        // Also what Safari on an iPad says, which asks for desktop pages by default: nothing tells
        // them apart.
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15 Ddg/17.5",
            "DuckDuckGo on macOS",
        ),
    ]);
}

#[test]
fn browsers_on_phones_and_tablets_are_named() {
    assert_words(&[
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 26_3_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/145.0.7632.108 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1",
            "Safari on iPad",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/141.0 Mobile/15E148 Safari/605.1.15",
            "Firefox on iPhone",
        ),
        ("Mozilla/5.0 (Android 15; Mobile; rv:137.0) Gecko/137.0 Firefox/137.0", "Firefox on Android"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 EdgA/136.0.0.0",
            "Edge on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 EdgiOS/138.3351.83 Mobile/15E148 Safari/605.1.15",
            "Edge on iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 OPT/5.5.4",
            "Opera on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 8.0.0; Infinix X608 Build/OPR1.170623.032) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.120 Mobile Safari/537.36 OPX/1.0",
            "Opera on Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Linux; arm_64; Android 12; 22095RA98C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.817 YaSearchBrowser/24.122.1 BroPP/1.0 YaSearchApp/24.122.1 webOmni SA/3 Mobile Safari/537.36",
            "Yandex Browser on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 YaBrowser/24.10.3.675.10 YaApp_iOS/2410.3 YaApp_iOS_Browser/2410.3 Safari/604.1 SA/3",
            "Yandex Browser on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.106 Mobile DuckDuckGo/5 Safari/537.36",
            "DuckDuckGo on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1 Ddg/26.0",
            "DuckDuckGo on iPhone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/399.2.845414227 Mobile/15E148 Safari/604.1",
            "Google on iPhone",
        ),
        // A web page shown inside an app names the system's own viewer on Android, and nothing on
        // an iPhone.
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 350.0.0.0 (iPhone15,2; iOS 18_0; fr_FR; fr; scale=3.00)",
            "iPhone",
        ),
    ]);
}

#[test]
fn apps_and_libraries_go_by_the_name_they_give_themselves() {
    assert_words(&[
        ("curl/8.14.1", "curl"),
        ("okhttp/4.12.0", "okhttp"),
        ("Dart/3.9 (dart:io)", "Dart"),
        ("python-requests/2.32.3", "python-requests"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("node", "node"),
        ("Go-http-client/2.0", "Go-http-client"),
        ("supabase-py/2.10.0", "supabase-py"),
        ("PostmanRuntime/7.49.1", "PostmanRuntime"),
        ("Expo/1017699 CFNetwork/3826.500.131 Darwin/24.5.0", "Expo on Apple device"),
        ("godlike_iOS/55241 CFNetwork/3826.600.41.2.1 Darwin/24.6.0", "godlike_iOS on Apple device"),
        ("MobileSafari/8621.2.5.10.10 CFNetwork/3826.500.131 Darwin/24.5.0", "Safari on Apple device"),
        ("CFNetwork/758.3.15 Darwin/15.4.0", "Apple device"),
        ("Pachca/3.60.0 (co.staply.pachca; build:15; iOS 18.5.0) Alamofire/5.0.0", "Pachca on iOS"),
        ("ezDerm/4.28.0 (com.ezderm.ezderm; build:132.19; macOS(Catalyst) 15.5.0) Alamofire/5.10.2", "ezDerm on macOS"),
        ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)", "Android"),
    ]);
}

#[test]
fn a_name_that_could_be_more_than_a_name_is_not_repeated() {
    assert_words(&[
        ("evil.example/1.0", "Unknown device"),
        ("https://evil.example", "Unknown device"),
        ("Call-8-800-555-35-35", "Unknown device"),
        ("<b>hello</b>", "Unknown device"),
        ("-rf/1", "Unknown device"),
        ("Моё/1.0", "Unknown device"),
        ("%E5%9B%9B%E5%AD%A3/4 CFNetwork/3826.500.131 Darwin/24.5.0", "Apple device"),
        ("evil.example (Windows NT 10.0)", "Windows"),
        ("abcdefghijklmnopqrstuvwxyzabcdef/1", "abcdefghijklmnopqrstuvwxyzabcdef"),
        ("abcdefghijklmnopqrstuvwxyzabcdefg/1", "Unknown device"),
    ]);
}

#[test]
fn nothing_said_is_an_unknown_device() {
    for header in ["", " ", "/", "Mozilla/5.0", "()", "(((", ")", "Mozilla/5.0 (compatible)"] {
        assert_eq!(Device::parse(header), Device::default(), "{header:?}");
        assert_eq!(Device::parse(header).to_string(), "Unknown device");
    }
}

#[test]
fn words_count_where_they_belong_and_only_whole() {
    assert_words(&[
        ("MyApp/1.0 (Chrome; Edg/1)", "MyApp"),
        ("MyApp/1.0 Windows Android", "MyApp"),
        ("MyApp/1.0 (Linuxes; Androids)", "MyApp"),
        ("MyApp/1.0 (nested (Windows NT) still a comment Chrome/1) Firefox/2", "Firefox on Windows"),
        ("MyApp/1.0(iPhone17,1;iOS 26.0)", "MyApp on iPhone"),
    ]);
}

#[test]
fn a_device_survives_being_written_as_json() {
    for header in ["", "node", "curl/8.14.1 (Linux)", "Mozilla/5.0 (Windows NT 10.0) Firefox/143.0"] {
        let device = Device::parse(header);
        let json = serde_json::to_string(&device).expect("a device is plain data");
        assert_eq!(serde_json::from_str::<Device>(&json).expect("what was written can be read"), device);
    }
    let json = serde_json::to_string(&Device::parse("curl/8.14.1")).expect("a device is plain data");
    assert_eq!(json, r#"{"browser":"curl","system":null}"#);
}

proptest! {
    #[test]
    fn any_header_gives_a_short_plain_text_without_panic(
        header in "[\\s\\S]{0,600}|[a-zA-Z0-9/(); ._<>&-]{0,120}|(Chrome/1|Mozilla|iPhone|CFNetwork|[A-Za-z-]{30,40}|[ ()/;]){0,20}",
    ) {
        let words = Device::parse(&header).to_string();
        prop_assert!((1..=80).contains(&words.len()), "{words}");
        prop_assert!(words.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_')), "{words}");
    }
}
