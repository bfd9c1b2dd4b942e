//! What an entry of the allow list can be.

use edgegate::domain::redirect::RedirectPolicy;

#[test]
fn the_allow_list_takes_only_exact_places() {
    for text in [
        "https://a.example",
        "https://a.example/b/c",
        "http://localhost:3000",
        "http://[::1]:3000/",
        "com.example.app://callback",
        "com.example.app:/x",
    ] {
        assert!(RedirectPolicy::parse_allowed(text).is_some(), "{text}");
    }
    for text in [
        "",
        "*",
        "https://*.example.com",
        "https://a.example/*",
        "https://a.example/**",
        "com.example.app://*",
        "https://a.example/?x=1",
        "https://a.example/?",
        "https://a.example/#x",
        "https://a.example/#",
        "https://user@a.example",
        "https://A.example",
        "https://a.example:443",
        "http://a.example",
        "http://192.168.1.5:3000",
        "myapp://callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///x",
        "a.example",
        "//a.example",
    ] {
        assert!(RedirectPolicy::parse_allowed(text).is_none(), "{text}");
    }
}
