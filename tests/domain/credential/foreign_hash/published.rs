//! Vectors that somebody published, written in the formats that are read here.

use crate::domain::credential::foreign_hash::verify;

/// Of jBCrypt, <https://github.com/djmdjm/jBCrypt>, `TestBCrypt.java`; it took them from OpenBSD.
#[test]
fn bcrypt_of_openbsd() {
    for (password, stored) in [
        ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
        ("", "$2a$08$HqWuK6/Ng6sg9gQzbLrgb.Tl.ZHfXLhvt/SgVyWhQqgqcZ7ZuUtye"),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
        ("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"),
    ] {
        assert!(verify(stored, password), "{stored}");
        assert!(!verify(stored, "b"), "{stored}");
    }
}

/// Of the reference library, <https://github.com/P-H-C/phc-winner-argon2>, `src/test.c` (password
/// "password", salt "somesalt").
#[test]
fn argon2_of_the_reference_library() {
    for stored in [
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ] {
        assert!(verify(stored, "password"), "{stored}");
        assert!(!verify(stored, "differentpassword"), "{stored}");
    }
}

/// RFC 7914 §12, but for the empty salt and the 1 GiB one.
#[test]
fn scrypt_of_rfc_7914() {
    for (password, stored) in [
        (
            "password",
            "scrypt:1024:8:16$NaCl$fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
        (
            "pleaseletmein",
            "scrypt:16384:8:1$SodiumChloride$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ] {
        assert!(verify(stored, password), "{stored}");
        assert!(!verify(stored, "another"), "{stored}");
    }
}

/// The example of <https://github.com/firebase/scrypt>, README.
#[test]
fn firebase_s_example() {
    let stored = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    assert!(verify(stored, "user1password"));
    assert!(!verify(stored, "user1passwore"));
}

/// RFC 6070 for SHA-1, and the well-known ones for SHA-256 and SHA-512 made like them
/// (<https://stackoverflow.com/a/5136918>).
#[test]
fn pbkdf2_of_rfc_6070_and_its_followers() {
    for stored in [
        "pbkdf2:sha1:1$salt$0c60c80f961f0e71f3a9b524af6012062fe037a6",
        "pbkdf2:sha1:2$salt$ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
        "pbkdf2:sha1:4096$salt$4b007901b765489abead49d926f721d065a429c1",
        "pbkdf2:sha256:1$salt$120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b",
        "pbkdf2:sha256:4096$salt$c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
        "pbkdf2:sha512:1$salt$867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce",
        "pbkdf2:sha512:4096$salt$d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5",
    ] {
        assert!(verify(stored, "password"), "{stored}");
        assert!(!verify(stored, "Password"), "{stored}");
    }
}
