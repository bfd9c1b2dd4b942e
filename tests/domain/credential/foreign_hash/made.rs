//! Hashes of PASSWORD (or what the name says) that other systems made: the output of
//! `expected_hashes.py` and `expected_hashes.mjs`.

pub const BCRYPT_2B: &str = "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
pub const BCRYPT_2A: &str = "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
pub const BCRYPT_2Y: &str = "$2y$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
pub const BCRYPT_COST_10: &str = "$2b$10$abcdefghijklmnopqrstuuGGgFFcYeueaAql8Z7U7CnCTRw4DR77W";
pub const BCRYPT_UNICODE: &str = "$2b$04$abcdefghijklmnopqrstuuDtwx1ruWcsW8dyIrdQTWVtTecjAshfG";
pub const BCRYPT_LONG: &str = "$2b$04$abcdefghijklmnopqrstuuOamT/wNYAA2T3dwK/uVZX5KdYiWAze2";
pub const DJANGO_BCRYPT: &str = "bcrypt$$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
pub const DJANGO_BCRYPT_SHA256: &str = "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuaBT8mpw5tGdD3eO40znWcQP/dT9hEVK";
pub const PASSLIB_BCRYPT_SHA256: &str =
    "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$h8GCYhBqatMGV8VIjRD4nhRxM87r3yu";
pub const PASSLIB_BCRYPT_SHA256_V1: &str = "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$QFUZDSoSe.wmA0ORk2X1IjnANOtYIqu";
pub const ARGON2ID: &str =
    "$argon2id$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$mZKYJibQ+ns47pzo55Ue6yOWeWU/y7GX/TkmTVFlLaU";
pub const ARGON2I: &str =
    "$argon2i$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$8utdmXzm/QYvbOGNUluk4+QJYDiaa3qqHlzyLQ9hiGg";
pub const ARGON2D: &str =
    "$argon2d$v=19$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$WUfwciZ3OGj4qgzbNISY9D5wdLKlbh6ctWazUX4qaYA";
pub const ARGON2I_V16: &str =
    "$argon2i$v=16$m=256,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$4Klq5Qmx/clM9kOLppShSIe/MjWrQrg7JJdlsWhXg8s";
pub const ARGON2_CFFI_DEFAULT: &str =
    "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$hTsnKkTbFCHAKWJmmlXrCZTzyrOF7RxMeSU+7hm6tJ4";
pub const PASSLIB_ARGON2: &str =
    "$argon2id$v=19$m=256,t=2,p=4$AAECAwQFBgcICQoLDA0ODw$UUGUn9kkM5fXOne4QM8tcYwULNSQ2I5UoRXKCsDdmg8";
pub const DJANGO_ARGON2: &str =
    "argon2$argon2id$v=19$m=256,t=2,p=2$QWIzZEVmNmhJajlsTW4ycA$WBFbXdi0wRnt4ZPP1O1lZqGUW4sOPGfKXQTqqcORGI0";
pub const DJANGO_ARGON2_DEFAULT: &str =
    "argon2$argon2id$v=19$m=102400,t=2,p=8$QWIzZEVmNmhJajlsTW4ycA$KHTVZ8mrltPYvl6n+i5OF8JtNy12LgzDdGQbKOxOQYI";
pub const PASSLIB_SCRYPT: &str =
    "$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$IZMORLo+NKM9sf3dDH1ZCk4hbDj0SQeYfTHU51eMJgU";
pub const PASSLIB_SCRYPT_DEFAULT: &str =
    "$scrypt$ln=16,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$1a0ZQtnx0oHhn48xj8fOQ5+iE1AgsBClgPgQyKBBRRw";
pub const WERKZEUG_SCRYPT: &str = "scrypt:1024:8:1$Ab3dEf6hIj9lMn2p$1708f1fe02c703bd7ead73b75b74d4e4afb6fb95a69444cebd389fdbb5e4d55428eeafcaea1e053c17057e4c7ccf02491f2df6f02d6f4607d4c5614d510dc308";
pub const WERKZEUG_SCRYPT_DEFAULT: &str = "scrypt:32768:8:1$Ab3dEf6hIj9lMn2p$8e3cbfa1e0cbd2319bc9847b8c1116c1fcc27646d8c17ff7a89498fa1016bfb8657843eaa64723b445861b771ef9d6e7acda8103043a8c782c9e30848e245da8";
pub const DJANGO_SCRYPT: &str = "scrypt$16$Ab3dEf6hIj9lMn2p$8$5$e6NTPsj8dEkLP3mywyRZMrjcGYgI9IdrSSxdKD3B/apG2ajC6D4K1EgONDiy/Ab/ZdoWovcpj6Ug1hErlR2epQ==";
pub const DJANGO_SCRYPT_DEFAULT: &str = "scrypt$16384$Ab3dEf6hIj9lMn2p$8$5$FHhi1Oor1jw5DDaRqisX4henjz102RJ6soF+YxVvQbNXUvLNsS4rE1iulv0rbxPcrp4NVrJT/JQBwNMSSOWo1w==";
pub const DJANGO_PBKDF2_SHA256: &str =
    "pbkdf2_sha256$1000$Ab3dEf6hIj9lMn2p$u/kKDmuiRngq3i5/F47baKCnnSh31PxD4MRxNOEutkQ=";
pub const DJANGO_PBKDF2_UNICODE: &str =
    "pbkdf2_sha256$1000$Ab3dEf6hIj9lMn2p$6M7cFtSko23/0GpG/JW90fsnHf388ZhKXHnT0cikLBY=";
pub const DJANGO_PBKDF2_SHA1: &str = "pbkdf2_sha1$1000$Ab3dEf6hIj9lMn2p$LuNSwMWnHCE2B5R8oXm5TPq5/YI=";
pub const DJANGO_PBKDF2_DEFAULT: &str =
    "pbkdf2_sha256$1000000$Ab3dEf6hIj9lMn2p$VMDTYejbu2sIifcmQiiFzg+Fq5eSE+Nr5K/PahMfsow=";
pub const PASSLIB_PBKDF2_SHA1: &str = "$pbkdf2$1000$AAECAwQFBgcICQoLDA0ODw$AOm/kOb/.YAZ3ZwSogYgNu9fO1g";
pub const PASSLIB_PBKDF2_SHA256: &str =
    "$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ4";
pub const PASSLIB_PBKDF2_SHA512: &str = "$pbkdf2-sha512$1000$AAECAwQFBgcICQoLDA0ODw$A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMJGCOigJzAthOW3Pg.XF5PnNiYnsQsIz1N5NtynrEm78w";
pub const PASSLIB_PBKDF2_SHA512_DEFAULT: &str = "$pbkdf2-sha512$25000$AAECAwQFBgcICQoLDA0ODw$SD45rjg2efG3ODIHQeklcrq1rgpKrbMw16UwshxvBWLgNENeDWMvNiO.Lj6BUMRx4V/sPJndUTpKWVbG79Akig";
pub const WERKZEUG_PBKDF2_SHA1: &str = "pbkdf2:sha1:1000$Ab3dEf6hIj9lMn2p$2ee352c0c5a71c213607947ca179b94cfab9fd82";
pub const WERKZEUG_PBKDF2_SHA256: &str =
    "pbkdf2:sha256:1000$Ab3dEf6hIj9lMn2p$bbf90a0e6ba246782ade2e7f178edb68a0a79d2877d4fc43e0c47134e12eb644";
pub const WERKZEUG_PBKDF2_SHA512: &str = "pbkdf2:sha512:1000$Ab3dEf6hIj9lMn2p$bb3c5ae3f3edb79476479bb56a3263069afbda51d6bdbfc0b1fe18d8c7e3754572784cb9e3686ce382dd08d53a1b61d3f63048cf3ee9182f1e3ac970d109235e";
pub const WERKZEUG_PBKDF2_DEFAULT: &str =
    "pbkdf2:sha256:1000000$Ab3dEf6hIj9lMn2p$54c0d361e8dbbb6b0889f726422885ce0f85ab979213e36be4afcf6a131fb28c";
pub const BETTER_AUTH: &str = "41c5d82f7d2e9df9953e0446c52f3283:741f9f67fc19a8c36724d4cdf847322344e94dd6853b8786ce904f6fea01bb54b1635690c99f26441e9a9754cd619302a9f7a44992e7dcbbfc109f1764fdaf76";
pub const BETTER_AUTH_COMPATIBILITY_FORM: &str = "f52bebf869afc74753d9d7c9f04c729e:cc9a08ac9b54b76ceaeb38f71530e1b4077c0061250e236d482135b6c62fa85546b7c203f595e005d033e84f17c429f7a3b251d0dea0a65ba4044b093423ffdd";
pub const FIREBASE: &str = "$fbscrypt$v=1,n=4,r=8,p=1,ss=Bw==,sk=YSBzaWduZXIga2V5IG9mIHNpeHR5LWZvdXIgYnl0ZXMsIGFzIGEgcHJvamVjdCBvZiBGaXJlYmFzZSBoYXMgaQ==$MDEyMzQ1Njc4OQ==$8i/wygnYKZm6QvbRPBgtAz7ITph1T1wxs8NWosulHwEy1JzQdwMoOjHjuAAP9GudbsBTqEFwrXzoKABqlWZ4vQ==";
pub const FIREBASE_WITHOUT_SEPARATOR: &str = "$fbscrypt$v=1,n=4,r=8,p=1,sk=YSBzaWduZXIga2V5IG9mIHNpeHR5LWZvdXIgYnl0ZXMsIGFzIGEgcHJvamVjdCBvZiBGaXJlYmFzZSBoYXMgaQ==$MDEyMzQ1Njc4OQ==$I5jMbQ/+0vFW4C/wspHcTdOd8+kGaAs8lbKYo8Gja3ZZjMGPAGUGZCxbOFxAOQ3NooAhPK9RPSabkr7e63v8ig==";
