"""Pictures of every widget in its states, in every host, for people to look at; nothing is compared."""
