# SPDX-License-Identifier: Apache-2.0
# Three rings, five and one; each with its own time of a bit.
reveille_verilate(reveille_ring_sampler ${trace} FLAGS -GDivision=12)
reveille_verilate(reveille_ring_sampler NAME Vring_sampler_five ${trace} FLAGS -GRings=5 -GDivision=8)
reveille_verilate(reveille_ring_sampler NAME Vring_sampler_one ${trace} FLAGS -GRings=1 -GDivision=9)
set(verilated Vreveille_ring_sampler Vring_sampler_five Vring_sampler_one)
