resource "coderws_workspace" "dev" {
  name               = "dev"
  template_id        = "8f5a1d4e-2c3b-4a59-9f0e-6d7c8b9a0f1e"
  autostart_schedule = provider::coderws::autostart_schedule("8:30", ["mon-fri"], "Europe/Berlin")
}
