//! Colour profiles for tests.

/// The shortest thing that is told to be an RGB profile.
pub(in crate::images) fn profile() -> Vec<u8> {
    let mut profile = vec![0; 200];
    profile[3] = 200;
    profile[12..16].copy_from_slice(b"mntr");
    profile[16..20].copy_from_slice(b"RGB ");
    profile[20..24].copy_from_slice(b"XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}
