//! Memory with a bound: the oldest key goes first.

use edgegate::domain::bounded_memory::BoundedMemory;

#[test]
fn of_more_keys_than_there_is_room_for_the_oldest_goes() {
    let memory = BoundedMemory::new(2);
    memory.remember("a".to_owned(), 1);
    memory.remember("b".to_owned(), 2);
    assert_eq!((memory.recall("a"), memory.recall("b"), memory.recall("c")), (Some(1), Some(2), None));
    memory.remember("c".to_owned(), 3);
    assert_eq!((memory.recall("a"), memory.recall("b"), memory.recall("c")), (None, Some(2), Some(3)));
}

#[test]
fn a_key_that_comes_again_has_the_newer_value_and_is_as_old_as_before() {
    let memory = BoundedMemory::new(2);
    for (key, value) in [("a", 1), ("b", 2), ("a", 3)] {
        memory.remember(key, value);
    }
    assert_eq!(memory.recall("a"), Some(3));
    memory.remember("c", 4);
    assert_eq!((memory.recall("a"), memory.recall("b"), memory.recall("c")), (None, Some(2), Some(4)));
}
