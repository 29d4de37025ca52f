# The workspace is made by its owner, and not by the administrator whose token
# the provider has: it shows in the audit log, and the owner's own rights count.
ephemeral "coderws_token" "alice" {
  owner_name = "alice"
  lifetime   = "2h" # longer than an apply takes
}

provider "coderws" {
  alias = "alice"
  token = ephemeral.coderws_token.alice.token
}

resource "coderws_workspace" "dev" {
  provider = coderws.alice

  name        = "alices-own"
  template_id = "c6d67e98-83ea-49f0-8812-e4abae2b68bc"
}
