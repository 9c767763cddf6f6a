"""Trains the chunk head for itself: a function of seven numbers, learned from the expert's plans without a picture."""
import torch
from torch.nn import functional

import world
from networks import ChunkHead

BATCH = 2048
RATE = 3e-3


def plan_loss(head, situations, plans):
    move, gripper = head(situations)
    return functional.l1_loss(move, plans[:, :, :2]) + 0.3 * functional.binary_cross_entropy_with_logits(gripper, plans[:, :, 2])


def train(seed, steps, say):
    head, reader = ChunkHead(), world.PlanReader(seed, BATCH)
    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 50) * max(0.002, 1 - step / steps)
        situations, plans = (torch.from_numpy(part) for part in reader.next())
        loss = plan_loss(head, situations, plans)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 500 == 0 or step == steps - 1:
            with torch.no_grad():
                move, gripper = head(situations)
                wrong = ((gripper > 0) != (plans[:, :, 2] > 0.5)).float().mean()
                say(f"chunk head  step {step:5d}  loss {loss.item():.4f}  movement off by {(move - plans[:, :, :2]).abs().mean():.4f} steps  gripper wrong {wrong:.4f}")
    reader.close()
    return head.eval()
