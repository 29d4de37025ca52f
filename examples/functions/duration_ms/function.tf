resource "coderws_workspace" "dev" {
  name        = "dev"
  template_id = "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e"
  ttl_ms      = provider::coderws::duration_ms("8h30m") # 30600000
}
